/**
 * The bounded directory on the device that holds open and sealed segments and sealed archives, and
 * the two streams that fill it. agent/spool.md describes the directory, the journal and recovery.
 */
package io.pifleet.agent.spool;
