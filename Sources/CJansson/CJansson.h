// Jansson's public interface.
#pragma once
#include <jansson.h>
