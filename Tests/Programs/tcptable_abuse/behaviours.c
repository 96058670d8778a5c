#include "abuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST "GET /metrics HTTP/1.1\r\nHost: abuse\r\n"
#define CHUNKED "POST /metrics HTTP/1.1\r\nHost: abuse\r\nTransfer-Encoding: chunked\r\n\r\n"

static char *reserve(size_t byte_count) {
    char *room = malloc(byte_count);
    if (room == NULL) abort();
    return room;
}

static void say(struct behaviour *self, const char *text) {
    self->bytes = text;
    self->byte_count = strlen(text);
}

static void nothing(struct behaviour *self, uint32_t index) {
    (void)index;
    say(self, "");
}

// A header that never ends.
static void drip(struct behaviour *self, uint32_t index) {
    (void)index;
    say(self, REQUEST "X: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

// Headers that announce a body, and a body that never ends.
static void drip_body(struct behaviour *self, uint32_t index) {
    (void)index;
    say(self, "POST /metrics HTTP/1.1\r\nHost: abuse\r\nContent-Length: 50000\r\n\r\n");
}

// Ends in the middle of a line, of the headers, of a body, and after a whole request.
static void half(struct behaviour *self, uint32_t index) {
    static const char *const beginnings[] = {
        "", "GET /met", REQUEST, CHUNKED "5\r\nab", REQUEST "\r\n", REQUEST "\r\n" REQUEST,
    };
    say(self, beginnings[index % (sizeof beginnings / sizeof *beginnings)]);
}

static void repeat(struct behaviour *self, const char *head, const char *part, uint32_t count,
                   const char *tail) {
    size_t part_bytes = strlen(part);
    char *text = reserve(strlen(head) + part_bytes * count + strlen(tail) + 1);
    char *end = stpcpy(text, head);
    for (uint32_t index = 0; index < count; index++) end = stpcpy(end, part);
    stpcpy(end, tail);
    say(self, text);
}

static void pipeline(struct behaviour *self, uint32_t index) {
    if (index == 0)
        repeat(self, "", "GET /-/healthy HTTP/1.1\r\nHost: abuse\r\n\r\n", 999,
               "GET /-/healthy HTTP/1.1\r\nHost: abuse\r\nConnection: close\r\n\r\n");
}

// Asks for much and reads none of it.
static void deaf(struct behaviour *self, uint32_t index) {
    if (index == 0) repeat(self, "", REQUEST "\r\n", 500, "");
}

// Asks as fast as it is answered.
static void greedy(struct behaviour *self, uint32_t index) {
    (void)index;
    say(self, REQUEST "\r\n");
}

static void headers(struct behaviour *self, uint32_t index) {
    if (index == 0) repeat(self, REQUEST, "X-Abuse: 0123456789abcdef0123456789abcdef\r\n", 25000, "\r\n");
}

static void chunks(struct behaviour *self, uint32_t index) {
    static const char *const bodies[] = {
        CHUNKED "zz\r\n",           CHUNKED "-1\r\n\r\n",   CHUNKED "ffffffffffffffffff\r\nx",
        CHUNKED "3\r\nabcdef\r\n",  CHUNKED "\r\n\r\n\r\n", CHUNKED "5;=\"\r\nabcde\r\n0\r\nX\r\n\r\n",
        CHUNKED "0x10\r\n0123456789abcdef\r\n0\r\n\r\n",
    };
    say(self, bodies[index % (sizeof bodies / sizeof *bodies)]);
}

// The head is sent again too, and is part of a chunk's bytes then.
static void endless(struct behaviour *self, uint32_t index) {
    if (index == 0) repeat(self, CHUNKED, "10\r\n0123456789abcdef\r\n", 1000, "");
}

// The same noise each time the program runs: xorshift, by Marsaglia.
static void noise(struct behaviour *self, uint32_t index) {
    uint32_t state = index * 2654435761U + 1;
    char *bytes = reserve(NOISE_BYTES);
    for (uint32_t place = 0; place < NOISE_BYTES; place++) {
        state ^= state << 13, state ^= state >> 17, state ^= state << 5;
        bytes[place] = (char)(state >> 24);
    }
    if (index % 2 == 1) memcpy(bytes, REQUEST, strlen(REQUEST));
    memcpy(bytes + NOISE_BYTES - 4, "\r\n\r\n", 4);
    self->bytes = bytes;
    self->byte_count = NOISE_BYTES;
}

static struct behaviour behaviours[] = {
    {.name = "idle", .compose = nothing, .reads = true, .stays = true},
    {.name = "drip", .compose = drip, .reads = true, .stays = true, .drips = true},
    {.name = "drip-body", .compose = drip_body, .reads = true, .stays = true, .is_endless = true, .drips = true},
    {.name = "half", .compose = half, .reads = true, .stays = true, .half_closes = true},
    {.name = "deaf", .compose = deaf, .stays = true},
    {.name = "greedy", .compose = greedy, .reads = true, .stays = true, .is_endless = true},
    {.name = "pipeline", .compose = pipeline, .reads = true},
    {.name = "headers", .compose = headers, .reads = true},
    {.name = "chunks", .compose = chunks, .reads = true, .half_closes = true},
    {.name = "endless", .compose = endless, .reads = true, .is_endless = true},
    {.name = "noise", .compose = noise, .reads = true, .hangs_up = true},
};
enum { BEHAVIOUR_COUNT = sizeof behaviours / sizeof *behaviours };

struct behaviour *find_behaviour(const char *name) {
    for (size_t index = 0; index < BEHAVIOUR_COUNT; index++)
        if (strcmp(behaviours[index].name, name) == 0) return &behaviours[index];
    return NULL;
}

const char *behaviour_names(void) {
    static char names[256];
    for (size_t index = 0; index < BEHAVIOUR_COUNT && names[sizeof names - 32] == '\0'; index++)
        snprintf(names + strlen(names), 32, "%s%s", index ? " " : "", behaviours[index].name);
    return names;
}
