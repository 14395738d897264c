import { AveragesIsland } from '../features/averages/averages-island';
import { mountIsland } from '../shared/page/island';

mountIsland(AveragesIsland);
