// StriateFormats
