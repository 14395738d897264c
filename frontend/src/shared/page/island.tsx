import { Component, StrictMode, type JSX, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { Failure } from './failure';

interface BoundaryState {
  error: Error | null;
}

/** Keeps a fault inside its island: the server's table stays readable beneath. */
class Boundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error ? (
      <Failure error={error} retry={() => this.setState({ error: null })} />
    ) : (
      this.props.children
    );
  }
}

/** Put a page's island where the server left room for it. */
export function mountIsland(Island: () => JSX.Element | null): void {
  const element = document.getElementById('island');
  if (!element) return;
  createRoot(element).render(
    <StrictMode>
      <Boundary>
        <Island />
      </Boundary>
    </StrictMode>,
  );
}
