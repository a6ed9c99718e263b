// Waiting for a database that another process has locked.
#ifndef AURORA_SIM_STORE_PATIENCE_H
#define AURORA_SIM_STORE_PATIENCE_H

#include <sqlite3.h>
#include <stdint.h>

// A run's transaction takes milliseconds to seconds. Who holds the lock this long is stopped or
// stuck, and the user is better told than left waiting.
#define AUR_PATIENCE_NS (UINT64_C(600) * 1000000000)

struct aur_patience {
    uint64_t limit_ns;
    uint64_t since_ns; // when the present wait began
    uint64_t random;
};

// Makes `db` wait up to AUR_PATIENCE_NS at every lock: sleeps of random length, doubling from
// 0.1 ms to 20 ms, so that many writers neither spin nor move in step. `patience` must outlive it.
void aur_patience_install(struct aur_patience *patience, sqlite3 *db);

#endif
