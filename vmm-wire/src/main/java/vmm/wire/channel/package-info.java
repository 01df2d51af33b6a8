/** Frames on byte channels: a length, and so many bytes (BEHAVIOUR 2). */
package vmm.wire.channel;
