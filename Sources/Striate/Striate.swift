// Striate
