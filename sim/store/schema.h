// The tables of a results database, as SQL, and the marks by which a file is known as ours.
#ifndef AURORA_SIM_STORE_SCHEMA_H
#define AURORA_SIM_STORE_SCHEMA_H

#define AUR_SCHEMA_APPLICATION_ID 0x4155524F // "AURO"
#define AUR_SCHEMA_VERSION        2

// Statements that make all tables, indices, views and marks in an empty database.
extern const char aur_schema_sql[];

// Statements that make of a database of version 1 one of version 2. What was stored stays as it is.
extern const char aur_schema_upgrade_sql[];

#endif
