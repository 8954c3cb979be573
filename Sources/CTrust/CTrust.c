#include "CTrust.h"
