// libyaml's public interface.
#pragma once
#include <yaml.h>
