/** Keys, requests, certificates and revocation lists, as albatross makes them (BEHAVIOUR 11). */
package vmm.client.pki;
