// Prints the digests of random streams, a line for each class and seed: what every build of the
// core must print alike (tests/streams.sh).
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/stream.h"

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: stream SEEDS EVENTS\n");
        return 2;
    }
    uint64_t seeds = strtoull(arguments[1], NULL, 0);
    uint32_t events = (uint32_t)strtoul(arguments[2], NULL, 0);
    for (uint32_t class = 0; class < stream_classes(); class ++)
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            uint64_t digest = stream_digest(class, seed, events);
            printf("class %" PRIu32 " seed %" PRIu64 " digest %016" PRIx64 "\n", class, seed,
                   digest);
            if (digest == 0)
                return 1;
        }
    return 0;
}
