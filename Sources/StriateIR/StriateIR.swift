// StriateIR
