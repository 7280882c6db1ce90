// StriateNN
