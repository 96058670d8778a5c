// What is known only when the package is built. It stands in C because a Swift target cannot be
// given a string by its manifest; a function, not a macro, so that a new commit recompiles one
// small file and no Swift module.
#ifndef CBUILDINFO_H
#define CBUILDINFO_H

/// The git commit of the build, with "-modified" when the tree had uncommitted changes; "" outside
/// a git checkout.
const char * cbuildinfo_revision(void);

#endif
