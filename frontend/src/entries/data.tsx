import { CoverageIsland } from '../features/coverage/coverage-island';
import { mountIsland } from '../shared/page/island';

mountIsland(CoverageIsland);
