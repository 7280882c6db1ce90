// StriateTraining
