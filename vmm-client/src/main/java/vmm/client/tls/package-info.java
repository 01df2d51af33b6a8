/** TLS to a server's endpoint, with a certificate that is a command. */
package vmm.client.tls;
