INSERT INTO soak.memory SELECT clock_timestamp(), sum(total_bytes), pg_backend_pid() FROM pg_backend_memory_contexts;
