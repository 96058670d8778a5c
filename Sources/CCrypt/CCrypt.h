// What of libcrypt's interface Swift cannot call.
#pragma once
#include <crypt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// A bcrypt hash and its terminator.
enum { CCRYPT_BCRYPT_BYTES = 61 };

// crypt_r(3) works in a structure of 32 KiB, which is too large for Swift to import, and holds the
// phrase until it is overwritten. Writes the hash of a phrase by bcrypt; false where the setting is
// none of bcrypt's, or there is no memory.
static inline bool CCrypt_bcrypt(const char *phrase, const char *setting,
                                 char result[CCRYPT_BCRYPT_BYTES]) {
    struct crypt_data *data = calloc(1, sizeof *data);
    if (data == NULL) return false;
    const char *hash = crypt_r(phrase, setting, data);
    bool is_bcrypt = hash != NULL && strlen(hash) == CCRYPT_BCRYPT_BYTES - 1;
    if (is_bcrypt) memcpy(result, hash, CCRYPT_BCRYPT_BYTES);
    explicit_bzero(data, sizeof *data);
    free(data);
    return is_bcrypt;
}
