/** The endpoint's shell: sockets, TLS, the check of chains, the relay. */
package vmm.tls;
