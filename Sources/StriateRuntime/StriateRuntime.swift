// StriateRuntime
