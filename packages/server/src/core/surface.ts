/** Which wire a session was made for. A token opens only its own. */
export type Surface = 'fluxer' | 'pages' | 'flecto' | 'flux';
