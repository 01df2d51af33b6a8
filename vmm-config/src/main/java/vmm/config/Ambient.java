package vmm.config;

/** Marks devices whose module is there without any code. */
interface Ambient {}
