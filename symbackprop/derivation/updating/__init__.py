"""Updates: rules, schedules and clipping, in the ledger (`passes`) and in double precision (`doubles`)."""
