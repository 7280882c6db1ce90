// StriateModels
