/// The first numbers that initialisers draw for a filter `[4, 2, 3, 3]` named `weight` at seed 7.
enum SeedValues {
  static let he: [Float] = [
    -0.34040603, -0.48578465, -0.08621837, -0.069747895, 0.058078848, -0.13407837,
  ]
  static let glorot: [Float] = [
    0.19648042, 0.10181436, -0.2974406, 0.0721699, -0.2722635, 0.21003863,
  ]
  static let lecun: [Float] = [
    -0.2407034, -0.34350163, -0.060965594, -0.049319208, 0.041067947, -0.09480772,
  ]
}
