/**
 * The console's composition root: makes the API client, the query cache and the router, and mounts them. Everything else
 * receives what it needs from here. Folders by noun: `api` and `sudo` talk to the server, `app` is the frame around the
 * pages, `users`, `user`, `audit` and what `settings` leads to (`tokens`, `roles`, `sites`) are the pages, `permissions`,
 * `ui` and `time` are what they are made of.
 */

import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { AdminApiProvider, createAdminApi, createAppQueryClient, createClient } from './api/index.ts';
import { createAppRouter, goToSignIn } from './app/index.ts';
import './styles/index.css';

const api = createAdminApi(
  createClient({ fetch: (...request) => fetch(...request), onUnauthenticated: goToSignIn }),
);
const queryClient = createAppQueryClient();
const router = createAppRouter();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <AdminApiProvider value={api}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </AdminApiProvider>
  </StrictMode>,
);
