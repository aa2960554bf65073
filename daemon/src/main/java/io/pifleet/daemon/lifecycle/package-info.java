/** From signals to an orderly stop or reload. */
package io.pifleet.daemon.lifecycle;
