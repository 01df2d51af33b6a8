package vmm.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The shared object behind {@link Native}, for x86_64: the native methods of that class in machine
 * code, each hands its arguments on to a C function or to the kernel.
 *
 * <p>An ELF file (System V ABI, gABI and AMD64 supplement) of two pages: what is read and run, and
 * what the dynamic linker writes. It asks for one symbol, {@code dlsym}, and needs no library.
 */
final class NativeLibrary {
    private static final int PAGE_BYTES = 0x1000;
    private static final int HEADER_BYTES = 64;
    private static final int SEGMENT_BYTES = 56;
    private static final int SYMBOL_BYTES = 24;
    private static final int RELOCATION_BYTES = 24;

    private static final int HASH_AT = HEADER_BYTES + (4 * SEGMENT_BYTES);
    private static final int SYMBOLS_AT = 0x180;
    private static final int NAMES_AT = 0x280;
    private static final int RELOCATION_AT = 0x380;
    private static final int CODE_AT = 0x400;

    /** The second page: where dlsym and the function that tells where errno is are; the tables. */
    private static final int DLSYM_AT = PAGE_BYTES;

    private static final int ERRNO_AT = PAGE_BYTES + 8;
    private static final int TABLES_AT = PAGE_BYTES + 16;
    private static final int TABLES_BYTES = 9 * 16;
    private static final int END = TABLES_AT + TABLES_BYTES;

    private static final int NEW_DIRECT_BYTE_BUFFER = 229;
    private static final int GET_DIRECT_BUFFER_ADDRESS = 230;

    private static final int READ = 4;
    private static final int WRITE = 2;
    private static final int EXECUTE = 1;
    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;
    private static final int STACK = 0x6474e551;
    private static final int GLOBAL_FUNCTION = 0x12;
    private static final long GLOB_DAT = 6;

    private final ByteBuffer file = ByteBuffer.allocate(END).order(ByteOrder.LITTLE_ENDIAN);
    private final List<String> symbols = new ArrayList<>(List.of(""));
    private int nameAt = NAMES_AT + 1;
    private int codeAt = CODE_AT;

    private NativeLibrary() {}

    /** Writes it where the argument says, for a distribution. */
    public static void main(String[] arguments) throws IOException {
        Files.write(Path.of(arguments[0]), bytes());
    }

    static byte[] bytes() {
        var library = new NativeLibrary();
        library.symbol("dlsym", 0);
        library.symbolOf();
        library.errnoIsToldBy();
        library.call("intCall", new byte[] {(byte) 0x83, (byte) 0xf8, (byte) 0xff}); // cmp eax, -1
        library.call(
                "longCall",
                new byte[] {0x48, (byte) 0x83, (byte) 0xf8, (byte) 0xff}); // cmp rax, -1
        library.systemCall();
        library.addressOf();
        library.memoryAt();
        library.header();
        library.hash();
        library.tables();
        return library.file.array();
    }

    /**
     * @param at where its code is, or 0 if it is asked for
     */
    private void symbol(String name, int at) {
        int entry = SYMBOLS_AT + (symbols.size() * SYMBOL_BYTES);
        symbols.add(name);
        file.putInt(entry, nameAt - NAMES_AT).put(entry + 4, (byte) GLOBAL_FUNCTION);
        file.putShort(entry + 6, (short) (at == 0 ? 0 : 1)).putLong(entry + 8, at);
        file.put(nameAt, name.getBytes(StandardCharsets.ISO_8859_1));
        nameAt += name.length() + 1;
    }

    /** A native method: {@code rdi} and {@code rsi} are the JVM's, its arguments come after. */
    private void method(String name) {
        codeAt = (codeAt + 15) & ~15;
        symbol("Java_vmm_os_Native_" + name, codeAt);
    }

    /** {@code long symbol(long name)}: the address of a function, or 0. */
    private void symbolOf() {
        method("symbol");
        code(0x48, 0x89, 0xd6); // mov rsi, rdx
        code(0x31, 0xff); // xor edi, edi
        code(0xff, 0x25); // jmp [dlsym]
        relative(DLSYM_AT);
    }

    /** {@code void errnoIsToldBy(long function)}. */
    private void errnoIsToldBy() {
        method("errnoIsToldBy");
        code(0x48, 0x89, 0x15); // mov [errno], rdx
        relative(ERRNO_AT);
        code(0xc3); // ret
    }

    /** {@code call(function, a, b, c, d, e, f)}: errno, negated, where the result is -1. */
    private void call(String name, byte[] compareWithMinusOne) {
        method(name);
        code(0x48, 0x83, 0xec, 0x08); // sub rsp, 8
        code(0x49, 0x89, 0xd3); // mov r11, rdx
        code(0x48, 0x89, 0xcf); // mov rdi, rcx
        code(0x4c, 0x89, 0xc6); // mov rsi, r8
        code(0x4c, 0x89, 0xca); // mov rdx, r9
        code(0x48, 0x8b, 0x4c, 0x24, 0x10); // mov rcx, [rsp + 16]
        code(0x4c, 0x8b, 0x44, 0x24, 0x18); // mov r8, [rsp + 24]
        code(0x4c, 0x8b, 0x4c, 0x24, 0x20); // mov r9, [rsp + 32]
        code(0x31, 0xc0); // xor eax, eax: no vector registers for a variadic function
        code(0x41, 0xff, 0xd3); // call r11
        for (byte code : compareWithMinusOne) {
            code(code);
        }
        code(0x75, 0x0c); // jne done
        code(0xff, 0x15); // call [errno]
        relative(ERRNO_AT);
        code(0x48, 0x63, 0x00); // movsxd rax, [rax]
        code(0x48, 0xf7, 0xd8); // neg rax
        code(0x48, 0x83, 0xc4, 0x08); // done: add rsp, 8
        code(0xc3); // ret
    }

    /** {@code long systemCall(number, a, b, c, d, e, f)}: what the kernel gives. */
    private void systemCall() {
        method("directCall");
        code(0x48, 0x89, 0xd0); // mov rax, rdx
        code(0x48, 0x89, 0xcf); // mov rdi, rcx
        code(0x4c, 0x89, 0xc6); // mov rsi, r8
        code(0x4c, 0x89, 0xca); // mov rdx, r9
        code(0x4c, 0x8b, 0x54, 0x24, 0x08); // mov r10, [rsp + 8]
        code(0x4c, 0x8b, 0x44, 0x24, 0x10); // mov r8, [rsp + 16]
        code(0x4c, 0x8b, 0x4c, 0x24, 0x18); // mov r9, [rsp + 24]
        code(0x0f, 0x05, 0xc3); // syscall; ret
    }

    /** {@code long addressOf(ByteBuffer memory)}. */
    private void addressOf() {
        method("addressOf");
        code(0x48, 0x89, 0xd6); // mov rsi, rdx
        ofTheJvm(GET_DIRECT_BUFFER_ADDRESS);
    }

    /** {@code ByteBuffer memoryAt(long address, long bytes)}. */
    private void memoryAt() {
        method("memoryAt");
        code(0x48, 0x89, 0xd6); // mov rsi, rdx
        code(0x48, 0x89, 0xca); // mov rdx, rcx
        ofTheJvm(NEW_DIRECT_BYTE_BUFFER);
    }

    /** Goes on to a function of the JVM's table, by its number (JNI specification, chapter 4). */
    private void ofTheJvm(int function) {
        code(0x48, 0x8b, 0x07); // mov rax, [rdi]
        code(0xff, 0xa0); // jmp [rax + 8 * function]
        file.putInt(codeAt, Long.BYTES * function);
        codeAt += Integer.BYTES;
    }

    private void code(int... bytes) {
        for (int one : bytes) {
            file.put(codeAt++, (byte) one);
        }
    }

    /** The last four bytes of an instruction that means a place of the second page. */
    private void relative(int place) {
        file.putInt(codeAt, place - (codeAt + 4));
        codeAt += 4;
    }

    private void header() {
        file.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
        file.putShort(16, (short) 3).putShort(18, (short) 62).putInt(20, 1); // a library, x86_64
        file.putLong(32, HEADER_BYTES).putShort(52, (short) HEADER_BYTES);
        file.putShort(54, (short) SEGMENT_BYTES).putShort(56, (short) 4);
        segment(0, LOAD, READ | EXECUTE, 0, codeAt, PAGE_BYTES);
        segment(1, LOAD, READ | WRITE, PAGE_BYTES, END - PAGE_BYTES, PAGE_BYTES);
        segment(2, DYNAMIC, READ | WRITE, TABLES_AT, TABLES_BYTES, 8);
        segment(3, STACK, READ | WRITE, 0, 0, 16);
    }

    private void segment(int index, int type, int rights, int at, int bytes, int alignment) {
        int entry = HEADER_BYTES + (index * SEGMENT_BYTES);
        file.putInt(entry, type).putInt(entry + 4, rights);
        file.putLong(entry + 8, at).putLong(entry + 16, at).putLong(entry + 24, at);
        file.putLong(entry + 32, bytes).putLong(entry + 40, bytes).putLong(entry + 48, alignment);
    }

    /** One bucket: all symbols are in one chain. */
    private void hash() {
        int count = symbols.size();
        file.putInt(HASH_AT, 1).putInt(HASH_AT + 4, count).putInt(HASH_AT + 8, 1);
        for (int i = 1; i < count - 1; i++) {
            file.putInt(HASH_AT + 12 + (4 * i), i + 1);
        }
    }

    private void tables() {
        file.putLong(RELOCATION_AT, DLSYM_AT).putLong(RELOCATION_AT + 8, (1L << 32) | GLOB_DAT);
        long[] entries = {
            4, HASH_AT, // DT_HASH
            5, NAMES_AT, // DT_STRTAB
            6, SYMBOLS_AT, // DT_SYMTAB
            7, RELOCATION_AT, // DT_RELA
            8, RELOCATION_BYTES, // DT_RELASZ
            9, RELOCATION_BYTES, // DT_RELAENT
            10, nameAt - NAMES_AT, // DT_STRSZ
            11, SYMBOL_BYTES, // DT_SYMENT
            0, 0,
        };
        for (int i = 0; i < entries.length; i++) {
            file.putLong(TABLES_AT + (8 * i), entries[i]);
        }
    }
}
