// StriateData
