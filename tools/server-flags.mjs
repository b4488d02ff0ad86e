// What Node is told when it runs the server. The young generation of the heap grows to 3 × this many megabytes at
// start-up and is never given back; what a request allocates is dead long before 8 of them are full.
export const SERVER_FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8'];
