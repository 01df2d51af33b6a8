/** HTTP/1.1 over Unix sockets: a server and a pooled client on virtual threads. */
@NullMarked
package vmm.daemon.http;

import org.jspecify.annotations.NullMarked;
