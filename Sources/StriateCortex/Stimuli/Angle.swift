#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Angles of directions and orientations, in radians.
public enum Angle {
  static func cos(_ x: Double) -> Double { trigonometry(x).0 }
  static func sin(_ x: Double) -> Double { trigonometry(x).1 }
  static func exp(_ x: Double) -> Double { exponential(x) }

  /// So many degrees.
  public static func degrees(_ value: Double) -> Double { value * .pi / 180 }

  /// An angle in degrees.
  public static func inDegrees(_ value: Double) -> Double { value * 180 / .pi }

  /// The angle of a vector, from 0 to 2π.
  static func of(x: Double, y: Double) -> Double {
    let angle = atan2(y, x)
    return angle < 0 ? angle + 2 * .pi : angle
  }

  private static func trigonometry(_ x: Double) -> (Double, Double) {
    #if canImport(Glibc)
      (Glibc.cos(x), Glibc.sin(x))
    #elseif canImport(Musl)
      (Musl.cos(x), Musl.sin(x))
    #else
      (Darwin.cos(x), Darwin.sin(x))
    #endif
  }

  private static func exponential(_ x: Double) -> Double {
    #if canImport(Glibc)
      Glibc.exp(x)
    #elseif canImport(Musl)
      Musl.exp(x)
    #else
      Darwin.exp(x)
    #endif
  }
}
