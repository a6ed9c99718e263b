// The sink of recorded metrics that fills a writer of the store.
#ifndef AURORA_SIM_EXPERIMENT_RECORD_STORE_H
#define AURORA_SIM_EXPERIMENT_RECORD_STORE_H

#include "experiment/record.h"
#include "store/store.h"

struct aur_record_sink aur_record_into(struct aur_run_writer *writer);

#endif
