/**
 * The configuration dialect of both daemons: HOCON under one root key, read through typed getters
 * that collect every problem with its file and line. Reading order: {@link
 * io.pifleet.daemon.config.ConfigFile}, {@link io.pifleet.daemon.config.Section}.
 */
package io.pifleet.daemon.config;
