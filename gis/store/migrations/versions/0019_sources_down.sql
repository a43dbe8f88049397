-- Without departments' records and decisions on matters.

DROP TABLE matter_decision, hook_call, reject, received, delivery, source;
