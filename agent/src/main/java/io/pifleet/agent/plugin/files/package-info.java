/** The plugin {@code files}: finds finished files, such as logs, CSV and pictures. */
package io.pifleet.agent.plugin.files;
