// contract COMMAND: asks the library one chapter of its contract. Code 0 when all of it holds, else 1
// and on standard error what does not. The namespace it runs in has the rows that the chapter needs.
#include "contract.h"

static const struct {
    const char *name;
    void (*run)(void);
} commands[] = {
    {"arguments", test_arguments}, {"bounds", test_bounds}, {"growth", test_growth},
    {"order", test_order},         {"owners", test_owners}, {"rights", test_rights},
    {"failures", test_failures},   {"messages", test_messages},
    {"rows", print_rows},
};

int main(int argc, char **argv) {
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (argc < 2 || strcmp(argv[1], commands[i].name) != 0) continue;
        commands[i].run();
        return 0;
    }
    fprintf(stderr, "contract: no such command\n");
    return 2;
}
