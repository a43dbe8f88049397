-- When the hours of a workload model were counted: what came in later is not in them.
ALTER TABLE workload_model ADD COLUMN counted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL;
