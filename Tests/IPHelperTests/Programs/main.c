// contract CHAPTER…: asks the library chapters of its contract. Code 0 when all of it holds, else 1
// and on standard error what does not. The namespace it runs in has the rows that a chapter needs.
#include "contract.h"

static const struct {
    const char *name;
    void (*run)(void);
} chapters[] = {
    {"arguments", test_arguments}, {"bounds", test_bounds}, {"growth", test_growth},
    {"order", test_order},         {"owners", test_owners}, {"rights", test_rights},
    {"failures", test_failures},   {"messages", test_messages},
    {"threads", test_threads},     {"forks", test_forks},
    {"first-forks", test_first_forks}, {"first-fork", fork_during_first_call},
    {"stack", test_stack},         {"sandbox", test_sandbox},
    {"rows", print_rows},
};

static bool run(const char *name) {
    for (size_t i = 0; i < sizeof chapters / sizeof *chapters; i++) {
        if (strcmp(name, chapters[i].name) != 0) continue;
        chapters[i].run();
        return true;
    }
    return false;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (run(argv[i])) continue;
        fprintf(stderr, "contract: no chapter %s\n", argv[i]);
        return 2;
    }
    return argc > 1 ? 0 : 2;
}
