// The text of every code.
#include "contract.h"

static void check_every_size(DWORD code) {
    char whole[512];
    DWORD length = FormatIPHelperMessage(code, whole, sizeof whole);
    CHECK(length > 10 && length < sizeof whole && length == strlen(whole), "%u", code);
    CHECK(whole[length - 1] == '.', "%s", whole);
    CHECK(FormatIPHelperMessage(code, NULL, 0) == length, "%s", whole);
    CHECK(FormatIPHelperMessage(code, NULL, 77) == length, "%s", whole);
    for (DWORD size = 0; size <= length + 1; size++) {
        struct guarded buffer = guard(size);
        CHECK(FormatIPHelperMessage(code, (char *)buffer.bytes, size) == length, "%s", whole);
        if (size > 0) {
            CHECK(memcmp(buffer.bytes, whole, size - 1) == 0, "%s", whole);
            CHECK(buffer.bytes[size - 1] == 0, "%s", whole);
        }
        release(&buffer);
    }
    char huge[512];
    CHECK(FormatIPHelperMessage(code, huge, 0xFFFFFFFF) == length, "%s", whole);
    CHECK(strcmp(huge, whole) == 0, "%s", huge);
}

void test_messages(void) {
    const DWORD codes[] = {
        NO_ERROR, ERROR_TOO_MANY_OPEN_FILES, ERROR_ACCESS_DENIED, ERROR_NOT_ENOUGH_MEMORY,
        ERROR_GEN_FAILURE, ERROR_NOT_SUPPORTED, ERROR_INVALID_PARAMETER,
        ERROR_INSUFFICIENT_BUFFER, ERROR_PARTIAL_COPY, ERROR_NOT_FOUND, ERROR_RETRY};
    char texts[11][512];
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        check_every_size(codes[i]);
        FormatIPHelperMessage(codes[i], texts[i], sizeof texts[i]);
        CHECK(!strstr(texts[i], "Unknown"), "%s", texts[i]);
        for (size_t j = 0; j < i; j++) CHECK(strcmp(texts[i], texts[j]) != 0, "%s", texts[i]);
    }
    const DWORD unknown[] = {1, 6, 995, 12002, 0x80004005, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        char text[512], number[16];
        check_every_size(unknown[i]);
        FormatIPHelperMessage(unknown[i], text, sizeof text);
        snprintf(number, sizeof number, "%u", unknown[i]);
        CHECK(strstr(text, number), "%s", text);
    }
}
