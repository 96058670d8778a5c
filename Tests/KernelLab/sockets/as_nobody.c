// as_nobody PROGRAM [ARGUMENT...]: runs a program as user and group 65534, in no other group, and
// so without a capability (man 7 capabilities). The guest's shell has no tool that does it.
#define _GNU_SOURCE
#include <grp.h>
#include <stdio.h>
#include <unistd.h>

enum { NOBODY = 65534 };

int main(int argument_count, char **arguments) {
    if (argument_count < 2) {
        fputs("usage: as_nobody PROGRAM [ARGUMENT...]\n", stderr);
        return 2;
    }
    if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
        setresuid(NOBODY, NOBODY, NOBODY) < 0) {
        perror("as_nobody: cannot become nobody");
        return 1;
    }
    execv(arguments[1], arguments + 1);
    perror(arguments[1]);
    return 1;
}
