#pragma once

/// Signals as a flag that the training loop reads between steps.

/// Handles SIGINT and SIGTERM: the first one sets the flag, a second one ends the process as usual.
/// Calls nest; only the first installs.
void striate_signals_install(void);

/// Puts the former handlers back after as many calls as there were installs, and clears the flag.
void striate_signals_restore(void);

/// The signal that came since the install; 0 for none.
int striate_signal_received(void);
