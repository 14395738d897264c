import { SessionsIsland } from '../features/sessions/sessions-island';
import { mountIsland } from '../shared/page/island';

mountIsland(SessionsIsland);
