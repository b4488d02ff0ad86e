// What came in the address is of no use to this page: it is taken out of the address and the history.
history.replaceState(null, '', location.pathname);
