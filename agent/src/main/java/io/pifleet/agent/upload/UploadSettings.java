package io.pifleet.agent.upload;

import java.time.Duration;

/**
 * What the upload thread has to know of the configuration.
 *
 * @param splay how long a sealed archive lies before it is offered, see {@link Splay}
 * @param receiptsRequired from different collectors, before an archive counts as delivered
 */
public record UploadSettings(Duration splay, UploadWindow window, int receiptsRequired) {}
