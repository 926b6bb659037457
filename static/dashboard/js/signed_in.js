// The window in which one has signed in again tells the pages that wait for it.

new BroadcastChannel("signed-in").postMessage("again");
