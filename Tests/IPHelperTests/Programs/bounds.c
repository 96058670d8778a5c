// Buffers that end where memory does, of every size up to the one that is needed.
#include "contract.h"

static void check_every_size(const struct table *table) {
    void *whole = read_whole(table, TRUE);
    size_t exact = table->header_bytes + row_count(whole) * table->row_bytes;
    for (size_t given = 0; given <= exact; given++) {
        struct guarded buffer = guard(given);
        DWORD size = (DWORD)given;
        DWORD result = ask(table, buffer.bytes, &size, TRUE);
        if (given < exact) {
            CHECK(result == ERROR_INSUFFICIENT_BUFFER, "%u of %s", result, table->name);
            CHECK(size >= exact, "%s asks for %u", table->name, size);
            CHECK(is_untouched(&buffer, 0), "%s of %zu bytes", table->name, given);
        } else {
            CHECK(result == NO_ERROR && size == given, "%u of %s", result, table->name);
            CHECK(memcmp(buffer.bytes, whole, 4) == 0, "the count of %s differs", table->name);
            CHECK(memcmp(buffer.bytes + table->header_bytes,
                         (unsigned char *)whole + table->header_bytes,
                         exact - table->header_bytes) == 0, "the rows of %s differ", table->name);
        }
        release(&buffer);
    }
    free(whole);
}

void test_bounds(void) {
    for (int i = 0; i < TABLE_COUNT; i++) check_every_size(&tables[i]);
}
