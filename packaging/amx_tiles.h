/* Put before every source of llama.cpp by packaging/prepare.py. GCC before 12.4 and 13.3 believes that loading the
   configuration of AMX tiles reads 8 of its 64 bytes, and drops the code that writes the rest (GCC bug 114098): the
   first product crashes. Here all of it is read. */
#ifdef __AMX_TILE__
#include <immintrin.h>
#undef _tile_loadconfig
#define _tile_loadconfig(config) __asm__ volatile("ldtilecfg %0" : : "m"(*(const char (*)[64])(config)))
#endif
